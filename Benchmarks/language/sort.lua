local function make_records(count)
  local records = {}
  local state = 7
  for i = 0, count - 1 do
    state = (state * 1103515245 + 12345) % 2147483648
    records[#records + 1] = {id = i, score = state / 2147483648}
  end
  return records
end

local function merge_sort(xs, before)
  local n = #xs
  if n < 2 then return xs end
  local left = merge_sort(table.move(xs, 1, n // 2, 1, {}), before)
  local right = merge_sort(table.move(xs, n // 2 + 1, n, 1, {}), before)
  local merged = {}
  local i = 1
  local j = 1
  while i <= #left and j <= #right do
    if before(right[j], left[i]) then
      merged[#merged + 1] = right[j]
      j = j + 1
    else
      merged[#merged + 1] = left[i]
      i = i + 1
    end
  end
  while i <= #left do
    merged[#merged + 1] = left[i]
    i = i + 1
  end
  while j <= #right do
    merged[#merged + 1] = right[j]
    j = j + 1
  end
  return merged
end

local function before(a, b) return a.score < b.score end
local records = make_records(80000)
local by_library = table.move(records, 1, #records, 1, {})
table.sort(by_library, before)
local by_hand = merge_sort(records, before)
local checksum = 0
for i = 1, #records do
  assert(by_library[i].id == by_hand[i].id)
  checksum = (checksum * 31 + by_hand[i].id) % 1000003
end
print(checksum)
