# Ask for the label of a thing, with R's package SPARQL: with_r.R ENDPOINT IRI
suppressPackageStartupMessages(library(SPARQL))
words <- commandArgs(trailingOnly = TRUE)
query <- sprintf("SELECT ?label { <%s> <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }", words[2])
# RCurl takes XML for Latin-1 unless one says what it is.
found <- SPARQL(words[1], query, curl_args = list(".encoding" = "UTF-8"))
cat(found$results$label, sep = "\n")
