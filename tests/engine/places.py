"""Shapes and data that are small enough to see through."""

from __future__ import annotations

from graph.namespaces import SH

EX = "http://example.org/"
PREFIXES = f"""
PREFIX : <{EX}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <{SH}>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
"""What all texts begin with."""

SHAPES = """
:PlaceShape sh:targetClass :Place ;
    sh:property [ sh:path :in ; sh:class :Region ; sh:message "a place is in a region; name it" ] ;
    sh:property [ sh:path :name ; sh:maxCount 1 ; sh:message "a place has one name; choose" ] .
:RegionShape sh:targetClass :Region ;
    sh:not [ sh:class :Place ] ; sh:message "a region is no place; make two" .
:FirmShape sh:targetSubjectsOf :seat ;
    sh:property [ sh:path :seat ; sh:node [
        sh:property [ sh:path :in ; sh:minCount 1 ; sh:message "unused; unused" ] ] ;
        sh:message "a seat lies in something; say in what" ] ;
    sh:property [ sh:path :staff ; sh:datatype xsd:integer ; sh:severity sh:Warning ;
        sh:message "staff is a number; write it" ] ;
    sh:property [ sh:path :twin ; sh:disjoint :rival ; sh:message "a twin is no rival; choose" ] .
"""
"""Of two kinds of node, and of whatever has a seat; one looks two steps far."""

DATA = """
:County rdfs:subClassOf :Region .
:north a :County . :east a :Region . :nowhere :note "no region" .
:one a :Place ; :in :north ; :name "One" .
:two a :Place ; :in :east ; :name "Two" .
:three a :Place ; :in :nowhere ; :name "Three" .
:firm :seat :one ; :staff 12 .
:unlike :in :north ; :name "no place", "at all" .
"""
"""One place is broken, :three, which is in no region."""
