local function integrate(n)
  local dx = 1.0 / n
  local sum = 0.0
  for i = 0, n - 1 do
    local x = (i + 0.5) * dx
    sum = sum + 4.0 / (1.0 + x * x)
  end
  return sum * dx
end

print(string.format("%.12f", integrate(20000000)))
