"""What has changed: versions, differences, and feeds for who follows."""
