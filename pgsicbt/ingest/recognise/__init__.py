"""What a table is and what each of its columns is, from names and content."""
