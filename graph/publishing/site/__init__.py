"""What the pages of the site show, as plain values."""
