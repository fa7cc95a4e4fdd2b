"""The AWS that runs on this machine: ministack, with the few corrections this project needs.

Runs in an environment of its own (.local/aws), because ministack pins its own botocore and
graphql-core. Every correction is one function with its reason, and one contract test.
"""
