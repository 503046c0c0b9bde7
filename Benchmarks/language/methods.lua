local Schedule = {}
Schedule.__index = Schedule

local function linear(from, to) return setmetatable({from = from, to = to}, Schedule) end

function Schedule:at(step, of)
  if of <= 0 then error("of must be positive") end
  local p = step / of
  return self.from + (self.to - self.from) * p
end

local function total(rounds)
  local lr = linear(0.1, 0.0)
  local sum = 0.0
  for i = 0, rounds - 1 do
    local value = lr:at(i, rounds)
    sum = sum + value
  end
  return sum
end

print(string.format("%.3f", total(2000000)))
