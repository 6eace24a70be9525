"""File formats: each module registers one reader under its name; helpers of several live one floor up."""
