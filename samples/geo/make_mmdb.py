#!/usr/bin/env python3
"""Writes the demo's location databases, which know the documentation networks only.

    pip install mmdb-writer==0.2.7
    python3 samples/geo/make_mmdb.py

demo.mmdb      layout of GeoLite2 and DB-IP: country.iso_code, and the network's operator in the same file
demo-asn.mmdb  layout of the @ip-location-db packages: the network's operator alone, flat

The addresses of RFC 5737 and RFC 3849 belong to nobody, so every country and operator here is invented.
"""
from pathlib import Path

import mmdb_writer
from mmdb_writer import MMDBWriter
from netaddr import IPSet

# The same file on every run: the format wants a date of building.
mmdb_writer.time.time = lambda: 1_795_296_000

# network, country, AS number (RFC 5398: 64496-64511 are for documentation), operator
NETWORKS = [
    # Our own mail provider: servers, then the pools of its customers
    ("192.0.2.0/26", "FI", 64496, "Isp Test Oy, mail servers"),
    ("192.0.2.64/26", "FI", 64497, "Isp Test Oy, business lines"),
    ("192.0.2.128/25", "FI", 64498, "Isp Test Oy, home lines"),
    ("198.51.100.0/28", "DE", 64499, "Grossmail GmbH"),
    ("198.51.100.16/28", "FI", 64500, "Corp Test Oyj"),
    ("198.51.100.32/27", "US", 64501, "Big Mail Inc."),
    ("198.51.100.64/26", "SE", 64502, "Nordisk Hosting AB"),
    ("198.51.100.128/26", "IT", 64503, "Posta Veloce S.r.l."),
    ("198.51.100.192/26", "NL", 64504, "Laagland Cloud B.V."),
    ("203.0.113.0/28", "EE", 64505, "Tallinn Andmeside OÜ"),
    ("203.0.113.16/28", "SE", 64502, "Nordisk Hosting AB"),
    ("203.0.113.32/27", "DE", 64499, "Grossmail GmbH"),
    ("203.0.113.64/27", "IT", 64503, "Posta Veloce S.r.l."),
    ("203.0.113.96/28", "FR", 64506, "Réseau Lumière SAS"),
    ("203.0.113.112/28", "GB", 64507, "Harbour Networks Ltd"),
    ("203.0.113.128/27", "US", 64501, "Big Mail Inc."),
    ("203.0.113.160/28", "BR", 64508, "Rede Verde Ltda."),
    ("203.0.113.176/28", "IN", 64509, "Monsoon Broadband"),
    ("203.0.113.192/27", "NL", 64504, "Laagland Cloud B.V."),
    ("203.0.113.224/28", "CN", 64510, "Example Telecom"),
    ("203.0.113.240/28", "FI", 64500, "Corp Test Oyj"),
    ("2001:db8::/34", "EE", 64505, "Tallinn Andmeside OÜ"),
    ("2001:db8:4000::/34", "DE", 64499, "Grossmail GmbH"),
    ("2001:db8:8000::/34", "SE", 64502, "Nordisk Hosting AB"),
    ("2001:db8:c000::/34", "US", 64501, "Big Mail Inc."),
]


def write(path, database_type, record_of):
    writer = MMDBWriter(
        ip_version=6,
        ipv4_compatible=True,
        database_type=database_type,
        languages=["en"],
        description="Invented locations of the documentation networks, for the demo of Mailfate",
        int_type="u32",
    )
    for network, country, number, operator in NETWORKS:
        writer.insert_network(IPSet([network]), record_of(country, number, operator))
    writer.to_db_file(str(path))


def main():
    here = Path(__file__).resolve().parent
    write(here / "demo.mmdb", "Mailfate-Demo", lambda country, number, operator: {
        "country": {"iso_code": country},
        "autonomous_system_number": number,
        "autonomous_system_organization": operator,
    })
    write(here / "demo-asn.mmdb", "Mailfate-Demo-ASN", lambda _country, number, operator: {
        "autonomous_system_number": number,
        "autonomous_system_organization": operator,
    })


main()
