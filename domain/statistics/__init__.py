"""What became of requests, follows, loans and registrations, by region, institution, industry and month."""
