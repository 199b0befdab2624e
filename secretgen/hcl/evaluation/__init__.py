"""What HCL expressions come to, as far as it is known before an apply.

    value = evaluate(parse_value(attribute.value), scope)

It covers the part of the language that the packaged templates use; anything else raises
`NotEvaluatedError`, so that nobody takes a guess for a value.
"""
