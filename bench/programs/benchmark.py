# What CPython does most: calls, attributes, dictionaries, strings, floats, sorting, generators.
class Body:
    def __init__(self, x, v, mass):
        self.x, self.v, self.mass = x, v, mass


def advance(bodies, steps):
    for _ in range(steps):
        for i, one in enumerate(bodies):
            for other in bodies[i + 1 :]:
                d = one.x - other.x
                pull = 0.01 / (d * d + 0.1)
                one.v -= d * pull * other.mass
                other.v += d * pull * one.mass
        for one in bodies:
            one.x += one.v * 0.01
    return sum(one.v * one.v * one.mass for one in bodies)


def words(count):
    seen = {}
    for i in range(count):
        word = "w%d" % (i * 7919 % 1000)
        seen[word] = seen.get(word, 0) + 1
    return sorted(seen.items(), key=lambda item: (item[1], item[0]))[:3]


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def primes(limit):
    sieve = bytearray([1]) * limit
    for i in range(2, int(limit**0.5) + 1):
        if sieve[i]:
            sieve[i * i :: i] = bytes(len(range(i * i, limit, i)))
    return sum(sieve) - 2


bodies = [Body(float(i), 0.1 * i, 1.0 + i) for i in range(5)]
print(round(advance(bodies, 4000), 6), words(100000), fib(22), primes(1000000))
