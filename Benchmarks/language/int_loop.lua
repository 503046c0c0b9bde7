local function steps(start)
  local n = start
  local count = 0
  while n ~= 1 do
    if n % 2 == 0 then n = n // 2 else n = 3 * n + 1 end
    count = count + 1
  end
  return count
end

local function longest(limit)
  local best = 1
  local most = 0
  for n = 1, limit - 1 do
    local count = steps(n)
    if count > most then
      most = count
      best = n
    end
  end
  return best, most
end

local n, count = longest(200000)
print(n .. " " .. count)
