"""A validating admission webhook for Kubernetes: what is started there has to be released."""
