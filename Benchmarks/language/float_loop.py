def integrate(n):
    dx = 1.0 / n
    total = 0.0
    for i in range(n):
        x = (i + 0.5) * dx
        total += 4.0 / (1.0 + x * x)
    return total * dx


print(f"{integrate(20_000_000):.12f}")
