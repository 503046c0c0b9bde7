local function run(n)
    local words = {}
    for i = 0, 4999 do words[i] = "w" .. i end
    local counts = {}
    local seed = 42
    for i = 1, n do
        seed = (seed * 1103515245 + 12345) % 2147483648
        local word = words[seed % 5000]
        counts[word] = (counts[word] or 0) + 1
    end
    local best, kinds = 0, 0
    for word, count in pairs(counts) do
        kinds = kinds + 1
        if count > best then best = count end
    end
    return kinds, best
end
print(string.format("%d %d", run(5000000)))
