"""Which addresses of the network may be connected to (RFC 6890, and what clouds have besides)."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NEVER = frozenset(
    ipaddress.ip_address(each)
    for each in (
        "169.254.169.254",  # AWS, Azure, Google Cloud and others: what a machine is told of itself
        "169.254.170.2",
        "fd00:ec2::254",
        "100.100.100.200",  # Alibaba Cloud
        "168.63.129.16",  # Azure; of a public range
        "192.0.0.192",  # Oracle Cloud
    )
)
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""An IPv4 address in its last four bytes (RFC 6052)."""


def fault_of(text: str, *, is_private: bool) -> str:
    """Say why the address *text* may not be connected to; nothing when it may.

    *is_private* allows this machine and private networks; what tells a machine of itself in a
    cloud, and what is no single machine, is never allowed.
    """
    address = _inner(ipaddress.ip_address(text.partition("%")[0]))
    if address in _NEVER:
        return "which tells a machine in a cloud of itself"
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return "which is no address of a server"
    if address.is_reserved and not address.is_loopback:
        return "which is reserved"
    is_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    if is_private or (address.is_global and not is_local):
        return ""
    if address.is_loopback:
        return "which is this machine itself"
    return "which is not public"


def _inner(address: Address) -> Address:
    """Return the IPv4 address that *address* stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in _TRANSLATED or (int(address) >> 32 == 0 and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
