1SELECT $$it's; TO TRAIN x$$, $tag$ $$;$$ $tag$, E'a\';b', a #> b, $1 /* a /* b; */ c; */
FROM t TO TRAIN e WITH validation.select = $$SELECT 'x'$$ INTO m;
CREATE FUNCTION f() RETURNS int AS $body$ BEGIN RETURN 1; END; $body$ LANGUAGE plpgsql;
