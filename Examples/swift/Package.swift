// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Example",
    dependencies: [.package(name: "padash", path: "../..")],
    targets: [
        .executableTarget(name: "Tau", dependencies: [.product(name: "NASLib", package: "padash")]),
        .executableTarget(name: "Tour", dependencies: [.product(name: "NASLib", package: "padash")]),
    ]
)
