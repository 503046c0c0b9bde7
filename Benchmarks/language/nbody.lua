local sqrt = math.sqrt
local solar_mass = 4 * math.pi ^ 2
local days = 365.24

local function body(x, y, z, vx, vy, vz, mass)
  return {x = x, y = y, z = z, vx = vx * days, vy = vy * days, vz = vz * days, mass = mass * solar_mass}
end

local bodies = {
  body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
  body(4.84143144246472090, -1.16032004402742839, -0.103622044471123109, 0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023, 0.000954791938424326609),
  body(8.34336671824457987, 4.12479856412430479, -0.403523417114321381, -0.00276742510726411, 0.00499852801234917238, 0.0000230417297573763929, 0.000285885980666130812),
  body(12.8943695621391310, -15.1111514016986312, -0.223307578892655734, 0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556, 0.0000436624404335156298),
  body(15.3796971148509165, -25.9193146099879641, 0.179258772950371181, 0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870, 0.0000515138902046611451),
}

local function stop_drift(bodies)
  local sun = bodies[1]
  for _, b in ipairs(bodies) do
    sun.vx = sun.vx - b.vx * b.mass / solar_mass
    sun.vy = sun.vy - b.vy * b.mass / solar_mass
    sun.vz = sun.vz - b.vz * b.mass / solar_mass
  end
end

local function energy(bodies)
  local e = 0.0
  local n = #bodies
  for i = 1, n do
    local a = bodies[i]
    e = e + 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for j = i + 1, n do
      local b = bodies[j]
      local dx = a.x - b.x
      local dy = a.y - b.y
      local dz = a.z - b.z
      e = e - a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return e
end

local function advance(bodies, dt)
  local n = #bodies
  for i = 1, n do
    local a = bodies[i]
    for j = i + 1, n do
      local b = bodies[j]
      local dx = a.x - b.x
      local dy = a.y - b.y
      local dz = a.z - b.z
      local squared = dx * dx + dy * dy + dz * dz
      local magnitude = dt / (squared * sqrt(squared))
      a.vx = a.vx - dx * b.mass * magnitude
      a.vy = a.vy - dy * b.mass * magnitude
      a.vz = a.vz - dz * b.mass * magnitude
      b.vx = b.vx + dx * a.mass * magnitude
      b.vy = b.vy + dy * a.mass * magnitude
      b.vz = b.vz + dz * a.mass * magnitude
    end
  end
  for _, b in ipairs(bodies) do
    b.x = b.x + dt * b.vx
    b.y = b.y + dt * b.vy
    b.z = b.z + dt * b.vz
  end
end

stop_drift(bodies)
print(string.format("%.9f", energy(bodies)))
for _ = 1, 150000 do advance(bodies, 0.01) end
print(string.format("%.9f", energy(bodies)))
