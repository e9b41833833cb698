SELECT * FROM flowers TO EVALUATE kinds WITH evaluate.metrics = [accuracy, log_loss] LABEL species;
