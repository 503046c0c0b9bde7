def run(n):
    x = 0.5
    total = 0.0
    for i in range(n):
        x = 3.7 * x * (1.0 - x)
        total = total + x
    return total
print(f"{run(20000000):.6f}")
