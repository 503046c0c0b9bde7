local function primes_below(limit)
  local is_composite = {}
  for i = 0, limit - 1 do is_composite[i] = false end
  local count = 0
  for i = 2, limit - 1 do
    if not is_composite[i] then
      count = count + 1
      local multiple = i * i
      while multiple < limit do
        is_composite[multiple] = true
        multiple = multiple + i
      end
    end
  end
  return count
end

print(primes_below(5000000))
