local function counter(step)
  local total = 0
  local add = function() total = total + step end
  local get = function() return total end
  return {add, get}
end

local function compose(f, g)
  return function(x) return f(g(x)) end
end

local function run(rounds)
  local sum = 0
  for i = 0, rounds - 1 do
    local pair = counter(i % 5)
    local add, get = pair[1], pair[2]
    add()
    add()
    local f = compose(function(x) return x + i % 3 end, function(x) return x * 2 end)
    sum = sum + f(get())
  end
  return sum
end

print(run(700000))
