"""A proxy that delays: delay.py LISTEN_PORT HOST PORT ROUND_TRIP_MS

Each piece of data is handed on half a round trip after it came, whatever came since:
the delay of a long wire, not of a slow one.
"""

import asyncio
import sys

port, host, to, trip = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])


async def carry(reader, writer):
    loop = asyncio.get_running_loop()
    pieces = asyncio.Queue()

    async def read():
        while piece := await reader.read(1 << 16):
            await pieces.put((loop.time() + trip / 2000, piece))
        await pieces.put((loop.time() + trip / 2000, None))

    reading = asyncio.create_task(read())
    try:
        while True:
            when, piece = await pieces.get()
            await asyncio.sleep(max(0, when - loop.time()))
            if piece is None:
                break
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except (ConnectionError, OSError):
        writer.close()
    finally:
        reading.cancel()


async def serve(reader, writer):
    # The handshake of TCP takes a round trip, too.
    await asyncio.sleep(trip / 1000)
    far_reader, far_writer = await asyncio.open_connection(host, to)
    for one in (writer, far_writer):
        one.get_extra_info("socket").setsockopt(6, 1, 1)  # TCP_NODELAY
    await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))
    for one in (writer, far_writer):
        one.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
