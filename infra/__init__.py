"""The CDK app: one table of functions, typed stages, and the stacks that both describe."""
