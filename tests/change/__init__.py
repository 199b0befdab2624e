"""What changes of specs do, and which of them are refused."""
