"""What the server says of its data: VoID, DCAT, citations, sitemaps, profiles and examples."""
