SELECT id, petal_length, petal_width, color FROM flowers
TO PREDICT shop.kind_scores AS kind WITH predict.proba = true, predict.columns = [id] USING kinds;
