"""One typed picture of an account's secrets: from AWS, from a dump, from a Terraform state.

It never holds a value: `aws` calls nothing that returns one, `dump` refuses a file that holds one,
and `state` drops what a Terraform state holds of one while it parses the file.
"""
