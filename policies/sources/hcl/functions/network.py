"""The cidr functions."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from ..types import NUMBER, STRING, list_of
from .signatures import Signature

_MAX_BITS = 32


def _network(prefix: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    if "/" not in prefix or "." in prefix.split("/")[1]:
        raise ValueError(f"{prefix!r} is no CIDR prefix")
    return ipaddress.ip_network(prefix, strict=False)


def _host(prefix: str, number: int) -> str:
    network = _network(prefix)
    index = number if number >= 0 else network.num_addresses + number
    if not 0 <= index < network.num_addresses:
        raise ValueError(f"{prefix} has no host {number}")
    return str(network[index])


def _netmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version == 6:
        raise ValueError("an IPv6 prefix has no netmask")
    return str(network.netmask)


def _subnet(prefix: str, bits: int, number: int) -> str:
    network = _network(prefix)
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen or not 0 <= number < 1 << bits:
        raise ValueError(f"{prefix} has no subnet {number} of {bits} more bits")
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return f"{type(network.network_address)(start)}/{length}"


def _subnets(prefix: str, *bits: int) -> list[str]:
    network = _network(prefix)
    end = int(network.network_address) + network.num_addresses
    position = int(network.network_address)
    found = []
    for more in bits:
        length = network.prefixlen + more
        if not 1 <= more <= _MAX_BITS or length > network.max_prefixlen:
            raise ValueError(f"{more} is no number of further bits")
        size = 1 << (network.max_prefixlen - length)
        position = -(-position // size) * size
        if position + size > end:
            raise ValueError(f"{prefix} is too small for these subnets")
        found.append(f"{type(network.network_address)(position)}/{length}")
        position += size
    return found


TABLE: Mapping[str, Signature] = {
    "cidrhost": Signature(_host, (STRING, NUMBER)),
    "cidrnetmask": Signature(_netmask, (STRING,)),
    "cidrsubnet": Signature(_subnet, (STRING, NUMBER, NUMBER)),
    "cidrsubnets": Signature(_subnets, (STRING,), rest=NUMBER, result=list_of(STRING)),
}
