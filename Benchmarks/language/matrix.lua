local function matrix(n, seed)
  local m = {}
  for i = 0, n - 1 do
    local row = {}
    for j = 0, n - 1 do row[#row + 1] = (i * seed + j) % 10 / 10 end
    m[#m + 1] = row
  end
  return m
end

local function product(a, b)
  local n = #a
  local c = {}
  for i = 1, n do
    local row = {}
    local a_row = a[i]
    for j = 1, n do
      local sum = 0.0
      for k = 1, n do sum = sum + a_row[k] * b[k][j] end
      row[#row + 1] = sum
    end
    c[#c + 1] = row
  end
  return c
end

local n = 280
local c = product(matrix(n, 3), matrix(n, 7))
local trace = 0.0
for i = 1, n do trace = trace + c[i][i] end
print(string.format("%.6f", trace))
