extension Proxy {
    static let params = Proxy("params", "is the number of its parameters", cost: { Double($0.parameters) })
    static let flops = Proxy("flops", "that of its multiply-adds", cost: { Double($0.flops) })
}
