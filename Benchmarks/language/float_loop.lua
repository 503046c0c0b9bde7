local function run(n)
    local x = 0.5
    local sum = 0.0
    for i = 0, n - 1 do
        x = 3.7 * x * (1.0 - x)
        sum = sum + x
    end
    return sum
end
print(string.format("%.6f", run(20000000)))
