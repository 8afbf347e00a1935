"""Carries Ethernet frames between two interfaces, badly: `relay.py HOST TAP`.

From HOST to TAP 5 % of the frames come twice and 25 % come 2 ms later than those behind them; from TAP to HOST 1 % do not come.
What a kernel's netem does, for kernels without it. Ends with its standard input.
"""
import heapq, random, select, socket, sys, time

DUPLICATE, REORDER, LOSS, LATE_S = 0.05, 0.25, 0.01, 0.002
OUTGOING = 4

def opened(name):
    one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
    one.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
    one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 << 20)
    one.bind((name, 0))
    return one

host, tap = opened(sys.argv[1]), opened(sys.argv[2])
chance = random.Random(1)
late, number = [], 0
print("ready", flush=True)
while True:
    wait = None if not late else max(0, late[0][0] - time.monotonic())
    ready, _, _ = select.select([host, tap, sys.stdin], [], [], wait)
    now = time.monotonic()
    while late and late[0][0] <= now:
        tap.send(heapq.heappop(late)[2])
    if host in ready:
        frame, address = host.recvfrom(65536)
        if address[2] != OUTGOING:
            for _ in range(2 if chance.random() < DUPLICATE else 1):
                if chance.random() < REORDER:
                    number += 1
                    heapq.heappush(late, (now + LATE_S, number, frame))
                else:
                    tap.send(frame)
    if tap in ready:
        frame, address = tap.recvfrom(65536)
        if address[2] != OUTGOING and chance.random() >= LOSS:
            host.send(frame)
    if sys.stdin in ready and not sys.stdin.read(1):
        break
