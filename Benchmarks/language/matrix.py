def matrix(n, seed):
    return [[(i * seed + j) % 10 / 10 for j in range(n)] for i in range(n)]


def product(a, b):
    n = len(a)
    c = []
    for i in range(n):
        row = []
        a_row = a[i]
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += a_row[k] * b[k][j]
            row.append(total)
        c.append(row)
    return c


n = 280
c = product(matrix(n, 3), matrix(n, 7))
trace = 0.0
for i in range(n):
    trace += c[i][i]
print(f"{trace:.6f}")
