/*
 * The statements that are Quern's own. Everything else never reaches this grammar: parser/ splits the
 * script, keeps plain SQL as it is, and gives one statement of ours at a time, its query folded into a
 * single QUERY token. The grammar is LL(1) but for a few places with two tokens of look-ahead.
 *
 * What must be there (an operand, INTO, USING) and what must not be there twice is checked after
 * parsing, because "clause INTO is missing" says more than "expected INTO". So operands are optional
 * here and clauses come in any order and number.
 */
parser grammar QuernParser;

options { tokenVocab = QuernLexer; }

statement : ( EXPLAIN stage? format? )? form EOF ;

form
  : QUERY TO_CLAUSE verb                                          # extended
  | SHOW MODELS ( LIKE string )?                                  # showModels
  | DROP MODEL ( IF EXISTS )? modelName                           # dropModel
  | SHOW TRAIN modelName                                          # showTrain
  | SHOW TRIALS modelName                                         # showTrials
  | SHOW ATTRIBUTES name                                          # showAttributes
  | DESCRIBE MODEL modelName                                      # describeModel
  | EXPORT MODEL modelName TO string withClause?                  # exportModel
  | IMPORT MODEL string importClause*                             # importModel
  | VERIFY MODEL modelName ( ON QUERY )?                          # verifyModel
  | ATTACH string AS name                                         # attach
  | SET name ( EQ | TO ) expr                                     # setOption
  ;

stage  : AST | IR | PLAN | LLVM | SQL ;
format : LPAREN FORMAT word RPAREN | FORMAT EQ word ;

verb
  : TRAIN name? trainClause*                                      # train
  | PREDICT predictTarget? predictClause*                         # predict
  | EVALUATE modelName? evaluateClause*                           # evaluate
  | EXPLAIN modelName? explainClause*                             # explain
  | RUN name? runClause*                                          # run
  | ( MAXIMIZE | MINIMIZE ) formula? optimizeClause*              # optimize
  ;

trainClause    : withClause | columnClause | labelClause | usingModel | intoModel ;
predictClause  : withClause | usingModel ;
evaluateClause : withClause | labelClause | intoTable ;
explainClause  : withClause | usingExplainer | intoTable ;
runClause      : cmdClause | intoTables ;
optimizeClause : constraintClause | withClause | usingSolver | intoTable ;
importClause   : withClause | intoModel ;

predictTarget    : name ( AS part )? ;
withClause       : WITH attribute ( COMMA attribute )* ;
attribute        : name EQ expr ;
columnClause     : COLUMN column ( COMMA column )* ( FOR name )? ;
column           : star | expr ;
labelClause      : LABEL name ;
usingModel       : USING modelName ;
usingExplainer   : USING name ;
usingSolver      : USING name ;
intoModel        : INTO modelName ;
intoTable        : INTO name ;
intoTables       : INTO name ( COMMA name )* ;
cmdClause        : CMD expr ( COMMA expr )* ;
constraintClause : CONSTRAINT constraint ( COMMA constraint )* ;
constraint       : formula ( GROUP BY name ( COMMA name )* )? ;

// Values and feature columns. A prefix operator binds tightest; the rest as in arithmetic.
expr
  : sign=( MINUS | PLUS ) expr                                    # prefix
  | expr op=( STAR | SLASH | PERCENT ) expr                       # product
  | expr op=( PLUS | MINUS ) expr                                 # sum
  | primary                                                       # operand
  ;

primary
  : NUMBER                                                        # number
  | TRUE_                                                         # true
  | FALSE_                                                        # false
  | NULL_                                                         # null
  | LBRACKET ( expr ( COMMA expr )* )? RBRACKET            # list
  | LBRACE ( entry ( COMMA entry )* )? RBRACE              # map
  | LPAREN expr RPAREN                                            # group
  | string ( DOT part )*                                          # text
  | reference arguments?                                          # wordOrCall
  ;

reference : ( word | BARE_WORD | BACKTICK ) ( DOT part )* ;
arguments : LPAREN ( argument ( COMMA argument )* )? RPAREN ;
argument  : star | expr ;
star      : STAR ( EXCEPT LPAREN name ( COMMA name )* RPAREN )? ;
entry     : key COLON expr ;
key       : word | BARE_WORD | BACKTICK | string | MINUS? NUMBER | TRUE_ | FALSE_ | NULL_ ;

// Objectives and constraints of TO MAXIMIZE and TO MINIMIZE.
formula
  : ( MINUS | PLUS | NOT ) formula
  | formula ( STAR | SLASH | PERCENT ) formula
  | formula ( PLUS | MINUS ) formula
  | formula ( EQ | COMPARISON ) formula
  | formula AND formula
  | formula OR formula
  | LPAREN formula RPAREN
  | reference ( LPAREN ( formula ( COMMA formula )* )? RPAREN )?
  | NUMBER
  | string
  ;

modelName : name ( AT NUMBER )? ;
name      : part ( DOT part )* ;
part      : word | BARE_WORD | BACKTICK | string ;
string    : STRING | DOLLAR_STRING ;

// Clause words that stand where a name stands arrive as WORD; these can be told apart by the grammar.
word
  : WORD | TO | TRAIN | PREDICT | EVALUATE | EXPLAIN | RUN | MAXIMIZE | MINIMIZE | SHOW | MODELS
  | TRIALS | ATTRIBUTES | DESCRIBE | DROP | MODEL | EXPORT | IMPORT | VERIFY | ATTACH | SET | LIKE
  | IF | EXISTS | ON | EXCEPT | GROUP | BY | AST | IR | PLAN | LLVM | SQL
  | FORMAT
  ;
