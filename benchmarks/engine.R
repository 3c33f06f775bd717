# One fit of the adjusted model with lme4 and with lmerTest (Satterthwaite), timed.
# Called by engine.py with: Rscript engine.R DATA.csv FORMULA REPEATS; prints JSON.
suppressMessages({library(lme4); library(lmerTest); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
d <- read.csv(args[1], stringsAsFactors = TRUE); d$person <- factor(d$person)
f <- as.formula(args[2]); n <- as.integer(args[3])
timed <- function(expr) { t <- numeric(n); for (i in 1:n) t[i] <- system.time(r <- expr())["elapsed"]; list(time = min(t), fit = r) }
a <- timed(function() lme4::lmer(f, d))
b <- timed(function() { m <- lmerTest::lmer(f, d); summary(m); m })
co <- function(m) { s <- coef(summary(m)); list(estimate = s["time:score", 1], std_error = s["time:score", 2]) }
cat(toJSON(list(lme4 = c(seconds = a$time, log_likelihood = as.numeric(logLik(a$fit)), co(a$fit)),
                lmerTest = c(seconds = b$time, log_likelihood = as.numeric(logLik(b$fit)), co(b$fit)),
                version = as.character(packageVersion("lme4"))), digits = 12, auto_unbox = TRUE))
