# pyright: basic, reportMissingImports=false, reportArgumentType=false, reportAttributeAccessIssue=false
"""Harvest an OAI-PMH repository with sickle, by all six verbs, and print what was found as JSON."""

import json
import sys

from sickle import Sickle, oaiexceptions

oai = Sickle(sys.argv[1])
since = {"from": sys.argv[2]} if len(sys.argv) > 2 else {}
clusters = list(oai.ListRecords(metadataPrefix="oai_dc", set="clusters", **since))
try:
    datasets = list(oai.ListRecords(metadataPrefix="dcat_ap", **since))
except oaiexceptions.NoRecordsMatch:
    datasets = []
one = oai.GetRecord(metadataPrefix="oai_dc", identifier=clusters[0].header.identifier)
try:
    oai.GetRecord(metadataPrefix="oai_dc", identifier="x:nothing")
    refused = ""
except oaiexceptions.IdDoesNotExist as error:
    refused = type(error).__name__
sys.stdout.write(
    json.dumps(
        {
            "name": oai.Identify().repositoryName,
            "formats": [each.metadataPrefix for each in oai.ListMetadataFormats()],
            "sets": [each.setSpec for each in oai.ListSets()],
            "identifiers": len(
                list(oai.ListIdentifiers(metadataPrefix="oai_dc", set="clusters", **since))
            ),
            "clusters": {
                each.header.identifier: {
                    "deleted": each.header.deleted,
                    "titles": [] if each.header.deleted else each.metadata.get("title", []),
                }
                for each in clusters
            },
            "datasets": [each.header.identifier for each in datasets],
            "one": one.header.identifier,
            "refused": refused,
        }
    )
)
