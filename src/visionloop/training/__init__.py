"""Element 3, second half: experiments, training jobs and recipes."""
