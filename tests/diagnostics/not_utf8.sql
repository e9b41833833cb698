SELECT 'café' AS x;
