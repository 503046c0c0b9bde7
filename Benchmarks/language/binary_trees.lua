local function tree(depth)
  if depth == 0 then return {left = nil, right = nil} end
  return {left = tree(depth - 1), right = tree(depth - 1)}
end

local function nodes(t)
  if t.left == nil then return 1 end
  return 1 + nodes(t.left) + nodes(t.right)
end

local depth = 16
local lasting = tree(depth)
for d = 4, depth, 4 do
  local count = 1 << (depth - d + 3)
  local total = 0
  for _ = 1, count do total = total + nodes(tree(d)) end
  print(count .. " trees of depth " .. d .. " have " .. total .. " nodes")
end
print("the lasting one has " .. nodes(lasting))
