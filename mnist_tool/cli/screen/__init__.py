"""What writes for people and programs: rich, and nothing else prints."""
