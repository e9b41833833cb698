/*
 * Words and punctuation of SQL and of our clauses. A query stays opaque, so this lexer only has to
 * know where strings, names and comments end: their opening characters are matched here, and
 * parser/dialect_lexer.h reads on to the end as the connection's dialect says. It never fails: what
 * it does not know is OTHER, what is not closed is UNTERMINATED.
 *
 * Four tokens are made after lexing, in parser/: QUERY (a whole query as one token), TO_CLAUSE (the
 * TO that opens one of our clauses), BARE_WORD (`reg:squarederror`, `host/model`), and WORD for a
 * keyword that stands where only a name can stand. So no keyword is reserved.
 */
lexer grammar QuernLexer;

options { superClass = DialectLexer; }

tokens { QUERY, TO_CLAUSE, BARE_WORD, UNTERMINATED }

@lexer::postinclude {
#include "parser/dialect_lexer.h"
}

// Clause words: each opens a part of an extended statement.
WITH       : W I T H ;
COLUMN     : C O L U M N ;
LABEL      : L A B E L | T A R G E T ;
USING      : U S I N G ;
INTO       : I N T O ;
FOR        : F O R ;
AS         : A S ;
CMD        : C M D ;
CONSTRAINT : C O N S T R A I N T ;

// Verbs.
TO       : T O ;
TRAIN    : T R A I N ;
PREDICT  : P R E D I C T ;
EVALUATE : E V A L U A T E ;
EXPLAIN  : E X P L A I N ;
RUN      : R U N ;
MAXIMIZE : M A X I M I Z E ;
MINIMIZE : M I N I M I Z E ;

// Words of the other statements.
SHOW       : S H O W ;
MODELS     : M O D E L S ;
TRIALS     : T R I A L S ;
ATTRIBUTES : A T T R I B U T E S ;
DESCRIBE   : D E S C R I B E ;
DROP       : D R O P ;
MODEL      : M O D E L ;
EXPORT     : E X P O R T ;
IMPORT     : I M P O R T ;
VERIFY     : V E R I F Y ;
ATTACH     : A T T A C H ;
SET        : S E T ;
LIKE       : L I K E ;
IF         : I F ;
EXISTS     : E X I S T S ;
ON         : O N ;
EXCEPT     : E X C E P T ;
GROUP      : G R O U P ;
BY         : B Y ;
AND        : A N D ;
OR         : O R ;
NOT        : N O T ;
AST        : A S T ;
IR         : I R ;
PLAN       : P L A N ;
LLVM       : L L V M ;
SQL        : S Q L ;
FORMAT     : F O R M A T ;
TRUE_      : T R U E ;
FALSE_     : F A L S E ;
NULL_      : N U L L ;

WORD   : LETTER LETTER_OR_DIGIT* ;
NUMBER : DIGIT+ ( '.' DIGIT* )? EXPONENT? | '.' DIGIT+ EXPONENT? ;

// Each action reads on from the opening character; false means that the end never came.
STRING        : ['"] { if (!close_string()) setType(UNTERMINATED); } ;
ESCAPE_STRING : [eE] '\'' { if (!close_escape_string()) setType(UNTERMINATED); } ;
BACKTICK      : '`' { if (!close_backtick()) setType(UNTERMINATED); } ;
DOLLAR_STRING : '$' ( LETTER ( LETTER | DIGIT )* )? '$'
                { if (!has_dollar_strings()) setType(OTHER); else if (!close_dollar_string()) setType(UNTERMINATED); } ;
LINE_COMMENT  : '--' { if (is_dash_comment()) { close_line(); skip(); } else setType(OTHER); } ;
HASH_COMMENT  : '#' { if (is_hash_comment()) { close_line(); skip(); } else setType(OTHER); } ;
BLOCK_COMMENT : '/*'
                {
                  if (is_executable_comment()) setType(close_comment() ? OTHER : UNTERMINATED);
                  else if (close_comment()) skip();
                  else setType(UNTERMINATED);
                } ;
SPACE         : [ \t\r\n\f\u000B\u0085\u00A0\u2000-\u200B\u2028\u2029\u202F\u3000\uFEFF]+ -> skip ;

LPAREN   : '(' ;  RPAREN   : ')' ;
LBRACKET : '[' ;  RBRACKET : ']' ;
LBRACE   : '{' ;  RBRACE   : '}' ;
SEMI  : ';' ;
COMMA : ',' ;
DOT   : '.' ;
COLON : ':' ;
EQ    : '=' ;
COMPARISON : '<' | '>' | '<=' | '>=' | '<>' | '!=' ;
PLUS  : '+' ;
MINUS : '-' ;
STAR  : '*' ;
SLASH : '/' ;
PERCENT   : '%' ;
AT        : '@' ;
PARAMETER : '?' | '$' DIGIT+ ;
OTHER     : . ;

// Any character above ASCII that is not white space may stand in a name, as databases have it.
fragment LETTER : [A-Za-z_\u0080-\u0084\u0086-\u009F\u00A1-\u1FFF\u200C-\u2027\u202A-\u202E\u2030-\u2FFF\u3001-\uFEFE\uFF00-\u{10FFFF}] ;
fragment LETTER_OR_DIGIT : LETTER | DIGIT | '$' ;
fragment DIGIT    : [0-9] ;
fragment EXPONENT : [eE] [+-]? DIGIT+ ;

fragment A : [aA] ; fragment B : [bB] ; fragment C : [cC] ; fragment D : [dD] ; fragment E : [eE] ;
fragment F : [fF] ; fragment G : [gG] ; fragment H : [hH] ; fragment I : [iI] ; fragment J : [jJ] ;
fragment K : [kK] ; fragment L : [lL] ; fragment M : [mM] ; fragment N : [nN] ; fragment O : [oO] ;
fragment P : [pP] ; fragment Q : [qQ] ; fragment R : [rR] ; fragment S : [sS] ; fragment T : [tT] ;
fragment U : [uU] ; fragment V : [vV] ; fragment W : [wW] ; fragment X : [xX] ; fragment Y : [yY] ;
fragment Z : [zZ] ;
