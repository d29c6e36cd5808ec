"""Where data comes from: a file for each kind of source.

A kind is a class that says how it brings files (`Source.bring`), which address tells whether it
answers (`Source.sample`), and how people would do it by hand. To add one, write its file and name
an instance of it in the registry.
"""
