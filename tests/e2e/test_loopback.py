"""Nothing of the local stack can be reached from another machine."""

import ipaddress

import psutil

from cli.stack.local import LocalStack


async def test_every_part_listens_on_loopback_alone(stack: LocalStack) -> None:
    listening: dict[str, set[str]] = {}
    for name, child in stack.children.items():
        tree = [psutil.Process(child.process.pid)]
        tree += tree[0].children(recursive=True)
        sockets = [socket for process in tree for socket in process.net_connections("tcp")]
        listening[name] = {socket.laddr.ip for socket in sockets if socket.status == psutil.CONN_LISTEN}
    media = psutil.Process(stack.children["livekit-server"].process.pid)
    listening["livekit-server"] |= {socket.laddr.ip for socket in media.net_connections("udp")}
    assert all(listening.values()), listening
    assert [ip for ips in listening.values() for ip in ips if not ipaddress.ip_address(ip).is_loopback] == [], listening
