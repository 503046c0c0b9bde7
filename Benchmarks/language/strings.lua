local function make_table(rows)
  local lines = {}
  for i = 0, rows - 1 do
    lines[#lines + 1] = string.format("row%d,%d,%.2f,name_%d", i, i * 7 % 1000, i % 13 / 4, i % 97)
  end
  return table.concat(lines, "\n")
end

local function vowels(text)
  local count = 0
  for i = 1, #text do
    local c = text:sub(i, i)
    if c == "a" or c == "e" or c == "i" or c == "o" or c == "u" then count = count + 1 end
  end
  return count
end

local function split(text, pattern)
  local parts = {}
  for part in text:gmatch(pattern) do parts[#parts + 1] = part end
  return parts
end

local function summary(text)
  local total = 0
  local sum = 0.0
  local vowel_count = 0
  local keys = ""
  for _, line in ipairs(split(text, "[^\n]+")) do
    local fields = split(line, "[^,]+")
    total = total + math.tointeger(fields[2])
    sum = sum + tonumber(fields[3])
    vowel_count = vowel_count + vowels(fields[4])
    if #keys < 2000 then keys = keys .. fields[1]:sub(4):upper() .. ";" end
  end
  return total, sum, vowel_count, #keys
end

local text = make_table(100000)
local total, sum, vowel_count, key_length = summary(text)
print(string.format("%d %d %.2f %d %d", #text, total, sum, vowel_count, key_length))
