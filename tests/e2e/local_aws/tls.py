"""A certificate for the addresses under which AWS would answer, from an authority that lives as long as the server."""

from pathlib import Path

import boto3
import trustme


def write_certificate(directory: Path, *, region: str) -> tuple[Path, Path]:
    """(the authority's certificate, the server's key and certificate chain), both PEM files in `directory`.

    It is for every region that boto3 knows, and for `region`.
    """
    regions = dict.fromkeys([region, *boto3.Session().get_available_regions("apigatewayv2")])
    authority = trustme.CA()
    certificate = authority.issue_cert(
        *(f"*.execute-api.{name}.amazonaws.com" for name in regions), "localhost", "127.0.0.1"
    )
    ca_file, server_file = directory / "ca.pem", directory / "server.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(server_file))
    return ca_file, server_file
