local function make_text(count)
  local syllables = {[0] = "ka", "lo", "mi", "nu", "pe", "ra", "so", "ti"}
  local words = {}
  local state = 42
  for i = 1, count do
    state = (state * 1103515245 + 12345) % 2147483648
    local n = state // 65536 % 4096
    words[#words + 1] = syllables[n % 8] .. syllables[n // 8 % 8] .. syllables[n // 64 % 8] .. syllables[n // 512]
  end
  return table.concat(words, " ")
end

local function count_words(text)
  local counts = {}
  for word in text:gmatch("[^ ]+") do
    counts[word] = (counts[word] or 0) + 1
  end
  return counts
end

local text = make_text(250000)
local total = 0
local most = 0
for _ = 1, 12 do
  local counts = count_words(text)
  for _, count in pairs(counts) do
    total = total + 1
    if count > most then most = count end
  end
end
print(total .. " " .. most)
